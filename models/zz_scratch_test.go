package models

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

func TestScratchSpeed(t *testing.T) {
	base := os.Getenv("GAMBIT_LIVE_LLAMACPP")
	conc, _ := strconv.Atoi(os.Getenv("CONC"))
	n, _ := strconv.Atoi(os.Getenv("N"))
	if n == 0 {
		t.Skip()
	}
	m, _, err := Open(context.Background(), Spec{Name: "x", Provider: "llamacpp", Model: "f16", BaseURL: base, Concurrency: conc})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	countries := []string{"France", "Italy", "Japan", "Kenya", "Peru", "Norway", "Chile", "Egypt", "India", "Canada"}
	caps := []string{" Paris", " Rome", " Tokyo", " Nairobi", " Lima", " Oslo", " Santiago", " Cairo", " New Delhi", " Ottawa"}
	if os.Getenv("LONG") != "" {
		for i := range caps {
			caps[i] = " the old city of" + caps[i] + " in the north"
		}
	}
	jobs := make(chan int)
	var wg sync.WaitGroup
	begin := time.Now()
	var mu sync.Mutex
	bad := 0
	for range conc {
		wg.Go(func() {
			for i := range jobs {
				k := i % 10
				var opts []string
				for d := range 4 {
					opts = append(opts, caps[(k+d*(1+i/10%2))%10])
				}
				if os.Getenv("LETTERS") != "" {
					opts = []string{" A", " B", " C", " D"}
				}
				p := fmt.Sprintf("Item %d"+os.Getenv("SALT")+"|. The following is a question about the capital cities of the countries of the world, put to a careful student who answers with one name only and without any further word.\nQuestion: What is the name of the city that is the capital of %s, in the year %d?\nAnswer:", i*7919%1000, countries[k], 1900+i%100)
				if os.Getenv("SHARED") != "" {
					p = fmt.Sprintf("The following is a question about the capital cities of the countries of the world, put to a careful student who answers with one name only and without any further word.\nQuestion: What is the name of the city that is the capital of %s in the year %d%s?\nAnswer:", countries[k], i, os.Getenv("SALT"))
				}
				r, err := m.Ask(context.Background(), Request{Messages: []Message{{"user", p}}, Options: opts})
				if err != nil || r.Error != nil {
					mu.Lock()
					bad++
					if bad < 4 {
						fmt.Println(err, r.Error)
					}
					mu.Unlock()
				}
				if i == 0 {
					fmt.Println(r)
				}
			}
		})
	}
	for i := range n {
		jobs <- i
	}
	close(jobs)
	wg.Wait()
	el := time.Since(begin)
	fmt.Printf("conc %d: %d requests in %s = %.2f/s bad %d\n", conc, n, el.Round(time.Millisecond), float64(n)/el.Seconds(), bad)
}

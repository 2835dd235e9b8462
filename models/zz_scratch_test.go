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
	if base == "" {
		t.Skip()
	}
	conc, _ := strconv.Atoi(os.Getenv("CONC"))
	n, _ := strconv.Atoi(os.Getenv("N"))
	m, info, err := Open(context.Background(), Spec{Name: "x", Provider: "llamacpp", Model: "f16", BaseURL: base, Concurrency: conc})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(info)
	countries := []string{"France", "Italy", "Japan", "Kenya", "Peru", "Norway", "Chile", "Egypt", "India", "Canada"}
	caps := []string{" Paris", " Rome", " Tokyo", " Nairobi", " Lima", " Oslo", " Santiago", " Cairo", " New Delhi", " Ottawa"}
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
				p := fmt.Sprintf("Item %d."+os.Getenv("SALT")+" The following is a question about the capital cities of the countries of the world, put to a careful student who answers with one name only and without any further word.\nQuestion: What is the name of the city that is the capital of %s, in the year %d?\nAnswer:", i*7919%1000, countries[k], 1900+i%100)
				r, err := m.Ask(context.Background(), Request{Messages: []Message{{"user", p}}, Options: opts})
				if err != nil || r.Error != nil {
					mu.Lock()
					bad++
					if bad < 4 {
						fmt.Println(err, r.Error)
					}
					mu.Unlock()
				}
				if i < 3 {
					mu.Lock()
					fmt.Println(r.PromptTokens, opts, r.OptionLogprobs)
					mu.Unlock()
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

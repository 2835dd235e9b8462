package probes
import ("testing";"fmt";"time")
func TestZZ(t *testing.T){
 s,err:=Load([]string{"builtin","builtin:specimen"},LoadOptions{Seed:1}); if err!=nil{t.Fatal(err)}
 for _,k:=range []string{"described","constants","echoed","powered","languages","lookalikes"}{
 t0:=time.Now(); var f Findings
 for _,p:=range s.Probes { l:=linter{&f,p,LoadOptions{}.filled()}
  map[string]func(){"described":l.described,"constants":l.constants,"echoed":l.echoed,"powered":l.powered,"languages":l.languages,"lookalikes":l.lookalikes}[k]() }
 fmt.Println(k,time.Since(t0)); for _,e:=range f.Problems {fmt.Println("P",e)}; for _,e:=range f.Warnings {fmt.Println(e)}
 }
}

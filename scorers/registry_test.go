package scorers

import "testing"

func TestSecondRegistrationPanics(t *testing.T) {
	tests := map[string]func(){
		"scorer": func() { register("any", newAny, "again") },
		"check":  func() { registerCheck("no_comma", demanded(noComma), "again") },
	}
	for name, again := range tests {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("want a panic, got none")
				}
			}()
			again()
		})
	}
}

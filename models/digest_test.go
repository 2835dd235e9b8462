package models

import "testing"

func TestASizeThatDiffersByMoreThanTheVocabularyIsNamed(t *testing.T) {
	for name, tt := range map[string]struct {
		file, served int64
		noted        bool
	}{
		"the same":                    {88_201_792, 88_201_792, false},
		"tensors without vocabulary":  {88_201_792, 86_416_128, false}, // as llama-server counts it
		"five percent":                {1000, 950, false},
		"more than five percent less": {1000, 949, true},
		"more than five percent more": {1000, 1051, true},
		"another quantisation":        {270_885_952, 86_416_128, true},
		"not told":                    {88_201_792, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			if note := otherSize("m/tiny.gguf", tt.file, tt.served); (note != "") != tt.noted {
				t.Errorf("got %q, want a note: %v", note, tt.noted)
			}
		})
	}
}

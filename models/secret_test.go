package models

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAKeyThatCouldNotBeKeptSecretIsRefused(t *testing.T) {
	for key, want := range map[string]string{
		"":            "",
		"none":        "",
		"sk-12345":    "",
		"sk-1234":     "api_key has fewer than 8 bytes",
		"x":           "api_key has fewer than 8 bytes",
		"NONE":        "api_key has fewer than 8 bytes",
		"ein schlüss": "",
	} {
		f := chatServer(t, status())
		s := openaiSpec(f)
		s.APIKey = key
		m, _, err := open(t.Context(), s, new(fakeClock))
		expectError(t, err, want)
		if err != nil && len(key) > 1 && strings.Contains(err.Error(), key) {
			t.Errorf("the error shows the key: %v", err)
		}
		if err == nil {
			m.Close()
		}
	}
}

func TestAKeyIsReadFromItsFile(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		name, text string
		mode       os.FileMode
		sent, note string
		refused    string
	}{
		{"a key", "sk-0123456789", 0o600, "Bearer sk-0123456789", "", ""},
		{"with the newline of an editor", "sk-0123456789\n", 0o600, "Bearer sk-0123456789", "", ""},
		{"with that of another system", "sk-0123456789\r\n", 0o400, "Bearer sk-0123456789", "", ""},
		{"that others can read", "sk-0123456789\n", 0o644, "Bearer sk-0123456789", "others can read", ""},
		{"of several lines", "OPENAI=sk-0123456789\nOTHER=sk-9876543210\n", 0o600, "", "", "is empty or has several lines: expected the key alone"},
		{"with a byte order mark", "\ufeffsk-0123456789\n", 0o600, "Bearer sk-0123456789", "", ""},
		{"in quotes", "\"sk-0123456789\"\n", 0o600, "", "", "holds quotes, spaces or characters that no key has"},
		{"that is empty", "\n", 0o600, "", "", "is empty or has several lines"},
		{"that is too short", "sk-12\n", 0o600, "", "", "api_key has fewer than 8 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := chatServer(t, status())
			s := openaiSpec(f)
			s.APIKeyFile = filepath.Join(dir, strings.ReplaceAll(test.name, " ", "-"))
			if err := os.WriteFile(s.APIKeyFile, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(s.APIKeyFile, test.mode); err != nil {
				t.Fatal(err)
			}
			m, info, err := open(t.Context(), s, new(fakeClock))
			expectError(t, err, test.refused)
			if err != nil {
				if strings.Contains(err.Error(), "sk-") {
					t.Errorf("the error shows the key: %v", err)
				}
				return
			}
			defer m.Close()
			ask(t, m, question("Where?"))
			for _, got := range f.keys {
				if got != test.sent {
					t.Errorf("the server got Authorization %q, want %q", got, test.sent)
				}
			}
			if notes := strings.Join(info.Notes, "\n"); !strings.Contains(notes, test.note) || test.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, test.note)
			}
		})
	}
	s := Spec{Name: "m", Provider: "openai", APIKeyFile: filepath.Join(dir, "absent")}
	_, _, err := open(t.Context(), s, new(fakeClock))
	expectError(t, err, "api_key: stat "+s.APIKeyFile)
	s.APIKeyFile = dir
	_, _, err = open(t.Context(), s, new(fakeClock))
	expectError(t, err, "is no file of at most")
}

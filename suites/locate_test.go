package suites

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestLocate(t *testing.T) {
	root := t.TempDir()
	pkg := filepath.Join(root, "m", "ci", "audits")
	for _, file := range []string{"outside.yaml", "m/go.mod", "m/root.yaml", "m/both.yaml", "m/ci/audits/here.yaml", "m/ci/audits/both.yaml"} {
		write(t, filepath.Join(root, file))
	}
	tests := map[string]struct{ name, want, problem string }{
		"beside the package":      {name: "here.yaml", want: filepath.Join(pkg, "here.yaml")},
		"in the module's root":    {name: "root.yaml", want: filepath.Join(root, "m", "root.yaml")},
		"below the module's root": {name: "ci/audits/here.yaml", want: filepath.Join(pkg, "here.yaml")},
		"absolute":                {name: filepath.Join(root, "outside.yaml"), want: filepath.Join(root, "outside.yaml")},
		"above the module's root": {name: "outside.yaml", problem: pkg + ", " + filepath.Dir(pkg) + ", " + filepath.Join(root, "m") + ":"},
		"in two places":           {name: "both.yaml", problem: "is ambiguous: " + filepath.Join(pkg, "both.yaml")},
		"a folder":                {name: "audits", problem: "found in none of"},
		"absolute, but not there": {name: filepath.Join(root, "gone.yaml"), problem: "no such file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := locate(tt.name, pkg)
			if tt.problem != "" {
				if err == nil || !strings.Contains(err.Error(), tt.problem) {
					t.Errorf("locate(%q) = %q, %v; want an error with %q", tt.name, got, err, tt.problem)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("locate(%q) = %q, %v; want %q", tt.name, got, err, tt.want)
			}
		})
	}
}

func TestLocateLooksOnlyInThePackageWhereThereIsNoModule(t *testing.T) {
	dir := t.TempDir()
	if got := foldersUp(dir); len(got) != 1 || got[0] != dir {
		t.Errorf("foldersUp(%q) = %q, want that folder alone", dir, got)
	}
}

package suites

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// locate finds the audit file that a user named on the command line or in the
// environment. The test binary runs in its package's folder wherever the user
// stood, so a relative path is looked for there and in each folder above, up
// to the root of the module. Two different hits are an error, not a guess.
func locate(name, dir string) (string, error) {
	if filepath.IsAbs(name) {
		return name, exists(name)
	}
	var hits []string
	folders := foldersUp(dir)
	for _, folder := range folders {
		path := filepath.Join(folder, name)
		if exists(path) == nil {
			hits = append(hits, path)
		}
	}
	switch len(hits) {
	case 0:
		return "", fmt.Errorf("audit file %q: found in none of %s: expected a path relative to one of them, or an absolute path",
			name, strings.Join(folders, ", "))
	case 1:
		return hits[0], nil
	}
	return "", fmt.Errorf("audit file %q is ambiguous: %s: expected an absolute path", name, strings.Join(hits, ", "))
}

// foldersUp lists dir and the folders above it, up to the one with go.mod. It
// is dir alone where no module is above it.
func foldersUp(dir string) []string {
	var folders []string
	for folder := dir; ; folder = filepath.Dir(folder) {
		folders = append(folders, folder)
		if exists(filepath.Join(folder, "go.mod")) == nil {
			return folders
		}
		if folder == filepath.Dir(folder) {
			return []string{dir}
		}
	}
}

// exists says whether path is a file that can be looked at.
func exists(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s: expected a file, found a folder", path)
	}
	return nil
}

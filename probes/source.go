package probes

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/strictyaml"
)

//go:embed minority longrange nuance edge specimen
var shipped embed.FS

// Packs are the names of the shipped packs, which builtin stands for.
var Packs = []string{"minority", "longrange", "nuance", "edge"}

// SpecimenPack is a shipped pack that builtin leaves out: it asks in the
// language of the specimens, which other models do not know.
const SpecimenPack = "specimen"

// source is one probe file and the file system that its tables lie in.
type source struct {
	fsys fs.FS
	name string // inside fsys, with slashes
	show string // as reports name it
}

// read reads a file beside the probe file.
func (s source) read(name string) ([]byte, error) {
	data, err := s.readBeside(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("no such file beside the probe")
	}
	return data, err
}

func (s source) readBeside(name string) ([]byte, error) {
	if s.fsys == nil {
		return os.ReadFile(filepath.Join(filepath.Dir(s.name), filepath.FromSlash(name)))
	}
	return fs.ReadFile(s.fsys, path.Join(path.Dir(s.name), name))
}

func (s source) data() ([]byte, error) {
	if s.fsys == nil {
		return os.ReadFile(s.name)
	}
	return fs.ReadFile(s.fsys, s.name)
}

// find lists the probe files that one entry of an audit's `probes` names: a
// shipped pack or probe (builtin:NAME), a folder, or a file.
func find(entry, dir string) ([]source, error) {
	if entry == "builtin" {
		entry = "builtin:"
	}
	if name, ok := strings.CutPrefix(entry, "builtin:"); ok {
		return findShipped(name)
	}
	name := entry
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	info, err := os.Stat(name)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("probes %q: no such file or folder (looked at %s): expected a probe file, a folder of them, or builtin:PACK", entry, name)
		}
		return nil, fmt.Errorf("probes %q: %w", entry, err)
	}
	if !info.IsDir() {
		return []source{{name: name, show: filepath.ToSlash(entry)}}, nil
	}
	var list []source
	err = filepath.WalkDir(name, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != name && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir // .github, .vscode and such
		case d.IsDir() || !isYAML(file) || IsAudit(file):
			return nil
		}
		rel, _ := filepath.Rel(name, file)
		list = append(list, source{name: file, show: filepath.ToSlash(filepath.Join(entry, rel))})
		return nil
	})
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("probes %q: no probe in a *.yaml file of the folder: expected at least one (audit files and folders whose name starts with a dot are not read)", entry)
	}
	return list, err
}

func findShipped(name string) ([]source, error) {
	var list []source
	var ids []string
	pack, _, _ := strings.Cut(name, ".")
	err := fs.WalkDir(shipped, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !isYAML(file) {
			return err
		}
		id := path.Dir(file) + "." + strings.TrimSuffix(path.Base(file), path.Ext(file))
		ids = append(ids, id)
		inPack := name == path.Dir(file) || (name == "" && slices.Contains(Packs, path.Dir(file)))
		if inPack || (pack == path.Dir(file) && name == id) {
			list = append(list, source{fsys: shipped, name: file, show: "probes/" + file})
		}
		return nil
	})
	if err == nil && len(list) == 0 {
		packs := append(slices.Clone(Packs), SpecimenPack)
		known := packs
		if strings.Contains(name, ".") {
			known = ids
		}
		err = fmt.Errorf("probes \"builtin:%s\": %sexpected builtin, or builtin:PACK or builtin:PACK.DIMENSION.NAME with one of the packs %s",
			name, strictyaml.DidYouMean(name, known), strictyaml.Quoted(packs))
	}
	return list, err
}

// auditKey is a key that an audit file has and a probe has not.
var auditKey = regexp.MustCompile(`(?m)^(reference|candidates)\s*:`)

// IsAudit tells whether a file is an audit file rather than a probe. It is false
// of what cannot be read, whose loader has the reason.
func IsAudit(name string) bool {
	data, err := os.ReadFile(name)
	return err == nil && auditKey.Match(data)
}

func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

package main

import (
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

//go:embed all:template
var template embed.FS

const (
	self   = "github.com/gambit-audit/gambit"
	ginkgo = "github.com/onsi/ginkgo/v2" // which the suite imports itself
)

var initCommand = command{
	name: "init",
	args: "[DIR] [--replace DIR]",
	text: "make a module with an audit file, a first probe, a suite and a CI workflow, which runs at once",
	setup: func(flags *flag.FlagSet) action {
		replace := flags.String("replace", "", "take gambit from a checkout in `dir`")
		return func(c console, args []string) (int, error) {
			dir := "."
			switch len(args) {
			case 0:
			case 1:
				dir = args[0]
			default:
				return statusUsage, fmt.Errorf("unexpected %q: expected one folder", args[1])
			}
			if err := initialise(c, dir, *replace); err != nil {
				return statusUsage, err
			}
			return statusOK, nil
		}
	},
}

// initialise writes the files of a new module, or none where one is there
// already.
func initialise(c console, dir, replace string) error {
	files, err := newModule(dir, replace)
	if err != nil {
		return err
	}
	var there []error
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(dir, f.name)); err == nil {
			there = append(there, fmt.Errorf("%s is there already: expected a folder without it", filepath.Join(dir, f.name)))
		}
	}
	if err := errors.Join(there...); err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.data, 0o644); err != nil {
			return err
		}
		fmt.Fprintln(c.out, path)
	}
	fmt.Fprintf(c.out, "\nNext:\n")
	if dir != "." {
		fmt.Fprintf(c.out, "  cd %s\n", dir)
	}
	if replace == "" {
		fmt.Fprintf(c.out, "  go mod tidy\n")
	}
	fmt.Fprintf(c.out, "  go tool ginkgo run .\n")
	if replace != "" {
		fmt.Fprintf(c.out, "\nNote: go.mod takes gambit from a folder of this machine (replace), which CI does not have:\n"+
			"require a released version there, or check gambit out to the same path.\n")
	}
	return nil
}

type file struct {
	name string
	data []byte
}

func newModule(dir, replace string) ([]file, error) {
	mod, sum, err := goMod(dir, replace)
	if err != nil {
		return nil, err
	}
	files := []file{{"go.mod", mod}}
	if sum != nil {
		files = append(files, file{"go.sum", sum})
	}
	err = fs.WalkDir(template, "template", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := template.ReadFile(path)
		name := strings.TrimSuffix(strings.TrimPrefix(path, "template/"), ".txt")
		files = append(files, file{filepath.FromSlash(name), data})
		return err
	})
	return files, err
}

var notInPath = regexp.MustCompile(`[^a-z0-9._-]+`)

// goMod is the go.mod of a new module, and with a checkout also its go.sum: all
// that the checkout requires is taken over, so that nothing needs to be fetched.
func goMod(dir, replace string) (mod, sum []byte, err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, nil, err
	}
	name := strings.Trim(notInPath.ReplaceAllString(strings.ToLower(filepath.Base(abs)), "-"), "-.")
	if name == "" {
		name = "audit"
	}
	f := new(modfile.File)
	err = errors.Join(f.AddModuleStmt("example.org/"+name), f.AddGoStmt("1.26.0"), f.AddTool(ginkgo+"/ginkgo"), f.AddTool(self+"/cmd/gambit"))
	if err != nil {
		return nil, nil, err
	}
	if replace == "" {
		v := version()
		if v == "devel" || strings.Contains(v, "+dirty") {
			return nil, nil, errors.New("this gambit is no released version: name its checkout with --replace DIR")
		}
		if err := f.AddRequire(self, v); err != nil {
			return nil, nil, err
		}
		mod, err = f.Format()
		return mod, nil, err
	}
	checkout, err := filepath.Abs(replace)
	if err != nil {
		return nil, nil, err
	}
	data, err := os.ReadFile(filepath.Join(checkout, "go.mod"))
	if err != nil {
		return nil, nil, fmt.Errorf("--replace: %w: expected a checkout of gambit", err)
	}
	theirs, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("--replace: %w", err)
	}
	if theirs.Module == nil || theirs.Go == nil || theirs.Module.Mod.Path != self {
		return nil, nil, fmt.Errorf("--replace: %s is another module: expected a checkout of %s", checkout, self)
	}
	if err := f.AddReplace(self, "", checkout, ""); err != nil {
		return nil, nil, err
	}
	if err := f.AddGoStmt(theirs.Go.Version); err != nil {
		return nil, nil, err
	}
	required := []*modfile.Require{{Mod: module.Version{Path: self, Version: "v0.0.0"}}}
	for _, r := range theirs.Require {
		required = append(required, &modfile.Require{Mod: r.Mod, Indirect: r.Mod.Path != ginkgo})
	}
	f.SetRequireSeparateIndirect(required)
	f.Cleanup()
	if sum, err = os.ReadFile(filepath.Join(checkout, "go.sum")); err != nil {
		return nil, nil, fmt.Errorf("--replace: %w", err)
	}
	mod, err = f.Format()
	return mod, sum, err
}

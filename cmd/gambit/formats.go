package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/reporters"
	"github.com/gambit-audit/gambit/strictyaml"
)

// formatNames reads a list such as "sarif,csv"; empty is none.
func formatNames(list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	names := strings.Split(list, ",")
	for _, name := range names {
		if !slices.Contains(reporters.Formats(), name) {
			return nil, fmt.Errorf("unknown format %q: %sexpected one of %s, or several with commas between them",
				name, strictyaml.DidYouMean(name, reporters.Formats()), strings.Join(reporters.Formats(), ", "))
		}
	}
	return names, nil
}

// rendered is a report, signed where a key file is named.
func rendered(format, key string, a *drift.Audit) ([]byte, error) {
	var b bytes.Buffer
	if err := reporters.Write(format, &b, a); err != nil {
		return nil, err
	}
	if key == "" || format != signedFormat {
		return b.Bytes(), nil
	}
	text, err := os.ReadFile(key)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return reporters.Sign(b.Bytes(), text)
}

// signedFormat is the one format that can be signed.
const signedFormat = "in-toto"

// writeReport leaves an older file as it is where the report cannot be made.
func writeReport(name, format, key string, a *drift.Audit) error {
	report, err := rendered(format, key, a)
	if err != nil {
		return err
	}
	if err := os.WriteFile(name, report, 0o644); err != nil {
		return fmt.Errorf("write the %s report: %w", format, err)
	}
	return nil
}

// usualName is where a report of a run lies.
func usualName(dir, format string) string { return filepath.Join(dir, reporters.Filename(format)) }

package probes

func (l linter) languages() {}

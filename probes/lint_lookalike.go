package probes

func (l linter) lookalikes() {}

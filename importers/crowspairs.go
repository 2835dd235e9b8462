package importers

// CrowS-Pairs: Nangia et al. 2020, arXiv:2010.00133. Its authors and others warn
// of noisy pairs (Blodgett et al. 2021).
var (
	_ = register("crows-pairs", format{
		about:   "CrowS-Pairs, CSV, in a chat form: which sentence is likelier, in both orders; not comparable with published scores",
		licence: "CC-BY-SA-4.0",
		read:    readCrowSPairs,
	})
	_ = register("crows-pairs-causal", format{
		about:   "CrowS-Pairs, CSV, in a causal form: the likelier sentence by log-probability; not comparable with masked models",
		licence: "CC-BY-SA-4.0",
		read:    readCrowSPairs,
	})
)

func readCrowSPairs(f *file) ([]row, error) {
	return f.rows(func(r record) (row, string, error) {
		t := reading{r: r}
		id, more, less := t.text(""), t.text("sent_more"), t.text("sent_less")
		direction, bias := t.oneOf("stereo_antistereo", "stereo", "antistereo"), t.text("bias_type")
		if t.err != nil {
			return row{}, "", t.err
		}
		if more == less {
			return row{}, "both sentences are equal", nil
		}
		return row{record: r, id: id, group: bias, fields: map[string]any{
			"more": more, "less": less, "direction": direction, "bias_type": bias,
			"sentences": map[string]string{"more": more, "less": less},
		}}, "", nil
	})
}

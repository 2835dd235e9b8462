package reporters

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// webTable is the table of all comparisons, each with its place in a forest
// plot.
type webTable struct {
	Axis     forestAxis
	Rows     []webRow // what stands in the page at once
	Total    int      // rows of all comparisons
	Filters  []webFilter
	Interval string // the confidence of the intervals
	Gate     string // the confidence of those that decide
}

// webFilter is a column by which rows can be chosen.
type webFilter struct {
	Name, Title string
	Values      []string
}

// webRow is one comparison. Place numbers all rows, those of later too.
type webRow struct {
	Place                                                         int
	Candidate, Role, Pack, Harm, Probe, Group                     string
	Verdict, Said, Note                                           string
	N, Clusters, Reference, Rate, Change, Margin, NKey, ChangeKey string
	Forest                                                        forest
	HasDetail                                                     bool
}

// maxRows is how many rows of the table stand in the page; the others come
// from its compressed part, so that a page of many opens at once.
const maxRows = 100

// webLater is what the page unpacks when it is asked for: gzip in base64 for
// addresses, which needs no escape anywhere.
type webLater struct {
	Parts string // rows beyond maxRows and the details of all rows, as HTML
	Cases string
}

// parts is what webLater.Parts holds.
type parts struct {
	Rows    []string `json:"rows"`
	Details []string `json:"details"`
}

// tabulate lays out all comparisons, and packs what the page shows later.
func (p *webPage) tabulate(a *drift.Audit, ordered []drift.Comparison) error {
	axis := newForestAxis(a, ordered)
	harms := harmsByProbe(a)
	p.Table = webTable{Axis: axis, Total: len(ordered), Interval: plain(confidence), Gate: gateLevel(a)}
	later := parts{Rows: []string{}, Details: make([]string, len(ordered))}
	var rows []webRow
	for i, c := range ordered {
		row := rowOf(a, c, axis)
		row.Place, row.Harm = i, harms[c.Probe]
		rows = append(rows, row)
		detail, err := renderPart("detail", detailOf(a, c))
		if err != nil {
			return err
		}
		later.Details[i] = detail
	}
	p.Table.Filters = filtersOf(rows)
	p.Table.Rows = rows[:min(maxRows, len(rows))]
	for _, row := range rows[len(p.Table.Rows):] {
		html, err := renderPart("row", row)
		if err != nil {
			return err
		}
		later.Rows = append(later.Rows, html)
	}
	var err error
	if p.Later.Parts, err = pack(later); err != nil {
		return err
	}
	p.Later.Cases, err = pack(p.Cases.data)
	return err
}

// pack compresses a value for the page to unpack.
func pack(value any) (string, error) {
	var b bytes.Buffer
	text := base64.NewEncoder(base64.RawURLEncoding, &b)
	zip, err := gzip.NewWriterLevel(text, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	data, err := encodeJSON(value)
	if err != nil {
		return "", err
	}
	if _, err := zip.Write(data); err != nil {
		return "", err
	}
	if err := zip.Close(); err != nil {
		return "", err
	}
	if err := text.Close(); err != nil {
		return "", err
	}
	return b.String(), nil
}

// encodeJSON is JSON that leaves the signs of HTML as they are, since it is not
// put into HTML as it is.
func encodeJSON(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSpace(b.Bytes()), err
}

func rowOf(a *drift.Audit, c drift.Comparison, axis forestAxis) webRow {
	row := webRow{
		Candidate: name(c.Candidate), Pack: name(packOf(c.Probe)), Probe: name(c.Probe), Group: group(c),
		Verdict: string(c.Verdict), Said: bearing(a, c), Note: stand(a, c).note,
		N: count(c.N), Clusters: clustersText(c), NKey: fmt.Sprint(c.N), Reference: share(c.Reference), Rate: share(c.CandidateRate),
		Change: change(c), Margin: plain(c.Margin), Forest: axis.forest(c),
	}
	if strings.HasSuffix(row.Said, row.Note) {
		row.Note = ""
	}
	if c.Change != nil {
		row.ChangeKey = fmt.Sprintf("%.6f", *c.Change)
	}
	for _, m := range a.Candidates {
		if m.Name == c.Candidate {
			row.Role = roles[m.Expect]
		}
	}
	return row
}

// clustersText says what the pairs amount to, and that some were not needed.
func clustersText(c drift.Comparison) string {
	text := plural(c.Clusters, "cluster", "clusters")
	if c.Spared > 0 {
		text += fmt.Sprintf(", %s spared", count(c.Spared))
	}
	return text
}

var roles = map[drift.Expect]string{
	drift.ExpectPass: "gated", drift.ExpectAny: "information", drift.ExpectBlocked: "control",
}

// bearing is what bears on a verdict, without its word.
func bearing(a *drift.Audit, c drift.Comparison) string {
	return strings.TrimPrefix(strings.TrimPrefix(verdict(a, c), name(string(c.Verdict))), ", ")
}

// filtersOf offers the values that occur, in the order of the rows where the
// order says something.
func filtersOf(rows []webRow) []webFilter {
	list := []webFilter{
		{Name: "candidate", Title: "Candidate"}, {Name: "harm", Title: "Harm"}, {Name: "pack", Title: "Pack"}, {Name: "verdict", Title: "Verdict"},
	}
	for _, r := range rows {
		for i, value := range []string{r.Candidate, r.Harm, r.Pack, r.Verdict} {
			list[i].Values = appendNew(list[i].Values, value)
		}
	}
	slices.Sort(list[1].Values)
	slices.Sort(list[2].Values)
	return list
}

// forestAxis is the axis that all rows share, in points.
type forestAxis struct {
	Width, Height float64
	Scale         scale
	Zero          float64
	Ticks         []tick
	Text          string
}

// Of a forest plot, the range shown in points: at least so much, at most so
// much. What lies beyond ends in an arrow.
const (
	leastShown = 12.0
	mostShown  = 40.0
)

// newForestAxis spans the intervals and margins of the foremost candidates; a
// control with its known damage would flatten them.
func newForestAxis(a *drift.Audit, comparisons []drift.Comparison) forestAxis {
	shown := foremost(a)
	low, high := -leastShown, leastShown/2
	for _, c := range comparisons {
		if !shown[c.Candidate] {
			continue
		}
		low = min(low, -130*c.Margin)
		if c.Interval != nil {
			low, high = min(low, 100*c.Interval.Low), max(high, 100*c.Interval.High)
		}
	}
	f := forestAxis{Width: 220, Height: 22}
	f.Scale = scale{max(low, -mostShown) - 1, min(high, mostShown) + 1, 8, f.Width - 8}
	f.Zero = f.Scale.at(0)
	for _, t := range roundTicks(f.Scale.low, f.Scale.high, 5) {
		f.Ticks = append(f.Ticks, tick{f.Scale.at(t), shortSigned(t)})
	}
	return f
}

// forest is one row of a forest plot.
type forest struct {
	Zero, Margin, Low, High, At float64
	Left, Right                 bool    // the interval goes on beyond the range
	GateLow, GateHigh           float64 // of the interval that decides
	HasInterval, HasChange      bool
	HasGate                     bool
}

func (f forestAxis) forest(c drift.Comparison) forest {
	row := forest{Zero: f.Zero, Margin: f.Scale.at(-100 * c.Margin)}
	if c.Interval != nil {
		row.HasInterval = true
		row.Low, row.High = f.Scale.at(100*c.Interval.Low), f.Scale.at(100*c.Interval.High)
		row.Left, row.Right = 100*c.Interval.Low < f.Scale.low, 100*c.Interval.High > f.Scale.high
	}
	if c.GateInterval != nil {
		row.HasGate = true
		row.GateLow, row.GateHigh = f.Scale.at(100*c.GateInterval.Low), f.Scale.at(100*c.GateInterval.High)
	}
	if c.Change != nil && !math.IsNaN(*c.Change) {
		row.HasChange = 100**c.Change >= f.Scale.low && 100**c.Change <= f.Scale.high
		row.At = f.Scale.at(100 * *c.Change)
	}
	return row
}

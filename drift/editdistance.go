package drift

// EditDistance is the number of characters (code points) to insert, delete or
// replace to turn a into b (Levenshtein). It takes time with the product of
// the lengths.
func EditDistance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range to {
			replace := diagonal
			if x != y {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, diagonal+1)
		}
	}
	return row[len(to)]
}

// NormalisedEditDistance is the distance in [0,1] over the length of the
// longer text; 0 for two empty ones.
func NormalisedEditDistance(a, b string) float64 {
	longest := max(len([]rune(a)), len([]rune(b)))
	if longest == 0 {
		return 0
	}
	return float64(EditDistance(a, b)) / float64(longest)
}

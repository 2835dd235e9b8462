package models

// Google's service for Gemini has an endpoint that speaks OpenAI's protocol and
// refuses fields that it does not know, the seed among them. langchaingo's own
// client for it puts a top_k and a top_p of its own into each request, and would
// make gambit three times as large.
var _ = register("googleai", Provider{
	About: "a Gemini model of Google's service; no seed",
	Can:   Capabilities{System: true, Turns: true, Temperature: true, TopP: true, Stop: true, JSON: true, Reasoning: Reasonings},
	open: dialect{
		"googleai", "https://generativelanguage.googleapis.com/v1beta/openai", "",
		func(model string) string { return "models/" + model },
	}.open,
})

package models

// Mistral's service speaks OpenAI's protocol and refuses fields that it does not
// know. langchaingo's own client for it sends neither top_p nor stop, and takes
// no notice of the context.
var _ = register("mistral", Provider{
	About: "a model of Mistral's service",
	Can:   Capabilities{System: true, Turns: true, Temperature: true, TopP: true, Seed: true, Stop: true, JSON: true},
	open:  dialect{"mistral", "https://api.mistral.ai/v1", "random_seed", nil}.open,
})

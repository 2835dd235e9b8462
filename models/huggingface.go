package models

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// huggingFaceRouter hands each call on to one of many services.
var huggingFaceRouter = dialect{"huggingface", "https://router.huggingface.co/v1", "", withoutService}

func withoutService(model string) string {
	name, _, _ := strings.Cut(model, ":")
	return name
}

// Whether a seed reaches the model is up to the service behind the router, so
// none is taken. langchaingo's own client sends the first message alone.
var _ = register("huggingface", Provider{
	About: "a model behind Hugging Face's router, by the service that serves it; no seed",
	Can:   Capabilities{System: true, Turns: true, Temperature: true, TopP: true, Stop: true},
	open:  openHuggingFace,
})

// openHuggingFace wants the service named: the router would choose one for each
// call, and two of them may serve one model in two precisions.
func openHuggingFace(ctx context.Context, s Spec, c *http.Client) (connection, error) {
	_, service, _ := strings.Cut(s.Model, ":")
	switch service {
	case "", "fastest", "cheapest", "preferred":
		return connection{}, errors.New("the model names no service: expected one, such as meta-llama/Llama-3.1-8B-Instruct:novita, for the router would choose another from call to call")
	}
	return huggingFaceRouter.open(ctx, s, c)
}

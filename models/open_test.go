package models

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOpenRefuses(t *testing.T) {
	const tags = `{"models":[{"name":"phi3:mini","digest":"sha256:ab12","size":7},{"name":"tiny:latest","digest":"cd","size":9}]}`
	f := newFake(t, map[string]route{
		"/v1/models":     says(`{"data":[{"id":"tiny"},{"id":"small"}]}`),
		"/html/models":   says("<html>"),
		"/closed/models": func(w http.ResponseWriter, _ int, _ []byte) { w.WriteHeader(401); io.WriteString(w, "who?") },
		"/api/tags":      says(tags),
		"/props":         says(`{"default_generation_settings":{"n_ctx":2048},"total_slots":2}`),
	})
	tests := []struct {
		name string
		spec Spec
		want string
		down bool // of the server, which may change: no mistake of the setting
	}{
		{"an unknown provider", Spec{Provider: "opnai"}, `unknown provider "opnai": expected one of anthropic`, false},
		{"an unknown model", Spec{Provider: "openai", Model: "large", BaseURL: f.URL + "/v1"}, `the server has no model "large": expected one of small, tiny`, false},
		{"an unknown ollama model", Spec{Provider: "ollama", Model: "phi", BaseURL: f.URL}, `the server has no model "phi": expected one of phi3:mini, tiny:latest`, false},
		{"a bad key", Spec{Provider: "openai", Model: "tiny", BaseURL: f.URL + "/closed"}, "HTTP 401: the server refused the api_key: who?", true},
		{"something that is no model server", Spec{Provider: "openai", Model: "tiny", BaseURL: f.URL + "/html"}, `/models: expected JSON, got "<html>"`, true},
		{"an address without a scheme", Spec{Provider: "openai", BaseURL: "localhost:8080"}, `base_url "localhost:8080": expected http://host or https://host`, false},
		{"a password in the address", Spec{Provider: "openai", BaseURL: "http://a:b@localhost/"}, "base_url: expected no user, password or query", false},
		{"a context length that openai would drop", Spec{Provider: "openai", NumCtx: 8192, BaseURL: f.URL + "/v1"}, "num_ctx cannot be set through this provider", false},
		{"a context length over the server's", Spec{Provider: "llamacpp", NumCtx: 8192, BaseURL: f.URL}, "num_ctx is 8192, but a slot of the server holds 2048 tokens", false},
		{"a chat template that ollama would drop", Spec{Provider: "ollama", ChatTemplate: "none", BaseURL: f.URL}, `chat_template "none": this provider always uses the server's own`, false},
		{"an unknown chat template", Spec{Provider: "llamacpp", ChatTemplate: "chatml", BaseURL: f.URL}, `chat_template "chatml": expected "none"`, false},
		{"weights that are not there", Spec{Provider: "openai", Model: "tiny", BaseURL: f.URL + "/v1", Weights: "testdata/absent.gguf"}, "weights: open testdata/absent.gguf", false},
		{"a replay of nothing", Spec{Provider: "replay"}, "evidence is empty", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := open(t.Context(), test.spec, new(fakeClock))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
			if errors.As(err, new(*SettingError)) == test.down {
				t.Errorf("%v: want a mistake of the setting %v", err, !test.down)
			}
		})
	}
}

func TestOpenLearnsOfTheModel(t *testing.T) {
	const digest = "36bbe50ed96841d10443bcb670d6554f0a34b761be67ec9c4a8ad2c0c44ca42c" // of weights.gguf
	llamaList := `{"data":[{"id":"f16","owned_by":"llamacpp","meta":{"n_ctx":2048,"n_vocab":9,"size":269}}]}`
	tests := []struct {
		name   string
		routes map[string]route
		spec   Spec
		want   Info
	}{
		{
			"ollama: digest, size and the name with its tag",
			map[string]route{"/api/tags": says(`{"models":[{"name":"tiny:latest","digest":"sha256:cd","size":9}]}`)},
			Spec{Provider: "ollama", Model: "tiny", NumCtx: 4096},
			Info{Digest: "cd", Bytes: 9, Context: 4096, Served: "tiny:latest"},
		},
		{
			"ollama: a context length that is left to the server",
			map[string]route{"/api/tags": says(`{"models":[{"name":"tiny:latest"}]}`)},
			Spec{Provider: "ollama", Model: "tiny"},
			Info{Served: "tiny:latest", Notes: []string{"num_ctx is not set: Ollama then uses a context of its own choice, and older versions cut a longer prompt in silence; set num_ctx"}},
		},
		{
			"openai: a server without a list",
			map[string]route{},
			Spec{Provider: "openai", Model: "tiny"},
			Info{Notes: []string{`the server at URL lists no models: whether it has "tiny" shows at the first answer`}},
		},
		{
			"openai: a llama-server under another name",
			map[string]route{"/models": says(llamaList)},
			Spec{Provider: "openai", Model: "tiny"},
			Info{Bytes: 269, Context: 2048, Served: "f16", Notes: []string{`the server at URL serves "f16" and takes no notice of the name "tiny": make sure that this is the right model`}},
		},
		{
			"openai: the weights' digest, and a server with a model of another size",
			map[string]route{"/models": says(llamaList)},
			Spec{Provider: "openai", Model: "f16", Weights: "testdata/weights.gguf"},
			Info{
				Digest: digest, Bytes: 5, Context: 2048, Served: "f16",
				Notes: []string{"weights names weights.gguf of 5 bytes, but the server has loaded a model of 269: the digest may be that of another model; name the file that the server has loaded"},
			},
		},
		{
			"openai: a server with a model of that size",
			map[string]route{"/models": says(strings.Replace(llamaList, "269", "5", 1))},
			Spec{Provider: "openai", Model: "f16", Weights: "testdata/weights.gguf"},
			Info{Digest: digest, Bytes: 5, Context: 2048, Served: "f16"},
		},
		{
			"openai: a server that tells no size",
			map[string]route{"/models": says(`{"data":[{"id":"f16"}]}`)},
			Spec{Provider: "openai", Model: "f16", Weights: "testdata/weights.gguf"},
			Info{Digest: digest, Bytes: 5, Served: "f16"},
		},
		{
			"llamacpp: the weights' digest, and another file loaded",
			map[string]route{
				"/props":     says(`{"default_generation_settings":{"n_ctx":2048},"total_slots":2,"model_path":"/models/q2.gguf"}`),
				"/v1/models": says(llamaList), "/tokenize": says(`{"tokens":[{"id":5,"piece":" a"}]}`),
			},
			Spec{Provider: "llamacpp", Model: "f16", Weights: "testdata/weights.gguf"},
			Info{
				Digest: digest, Bytes: 5, Context: 2048, Served: "f16",
				Notes: []string{
					"weights names weights.gguf, but the server has loaded q2.gguf: the digest may be that of another model; name the file that the server has loaded",
					"weights names weights.gguf of 5 bytes, but the server has loaded a model of 269: the digest may be that of another model; name the file that the server has loaded",
				},
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t, test.routes)
			test.spec.BaseURL = f.URL + "/"
			m, info, err := open(t.Context(), test.spec, new(fakeClock))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(m.Close)
			test.want.Endpoint = f.URL
			for i := range info.Notes {
				info.Notes[i] = strings.ReplaceAll(info.Notes[i], f.URL, "URL")
			}
			if diff := cmp.Diff(test.want, info); diff != "" {
				t.Errorf("info (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOpenWaitsForAServerThatIsLoading(t *testing.T) {
	f := newFake(t, map[string]route{"/models": func(w http.ResponseWriter, call int, _ []byte) {
		if call < 3 {
			w.WriteHeader(503)
			return
		}
		io.WriteString(w, openaiList)
	}})
	_, clock := openFake(t, Spec{Provider: "openai", Model: "tiny", BaseURL: f.URL})
	if len(clock.waits) != 2 {
		t.Errorf("got waits %v, want 2", clock.waits)
	}
}

func TestRegisterRefusesASecondName(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a second provider was taken under a name that is in use")
		}
	}()
	register("openai", Provider{})
}

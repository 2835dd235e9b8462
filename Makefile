.PHONY: bench
bench: ## the figures that documents quote
	go test ./audit -run xxx -bench . -benchtime 5x
	go test ./fixtures/prose -run xxx -bench .

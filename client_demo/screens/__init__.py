"""The screens, one module each: a screen reads a view model, draws it and emits intents."""

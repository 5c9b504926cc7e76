"""One module for each screen: reads a view model, draws it, emits intents."""

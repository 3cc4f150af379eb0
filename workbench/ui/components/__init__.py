"""The workbench's own browser components: reader, view, shell. Packaged, plain JavaScript, no build step."""

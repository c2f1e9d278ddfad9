"""The main job: every artefact of every scenario, in one directory that is complete or absent."""

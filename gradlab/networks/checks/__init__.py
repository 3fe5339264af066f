"""The check of a network, thing by thing: each file tries one kind of thing, `gradlab.networks.check` asks them all."""

"""The life of a demo: the request, the provisioning run, the list of demos, and teardown."""

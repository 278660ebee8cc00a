"""`make demo`: the operator at work on a real Kubernetes control plane and an emulated Media Services."""

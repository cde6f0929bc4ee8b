// Only downloaded, never built: the CRDs of the kinds of other projects that we render are files of these modules.
module portarium.io/lab/crds

go 1.26.0

require (
	github.com/cilium/cilium v1.20.2
	github.com/prometheus-operator/prometheus-operator v0.85.0
	sigs.k8s.io/network-policy-api v0.2.0
)

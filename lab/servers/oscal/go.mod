// Only downloaded, never built: NIST's JSON schema of OSCAL is a file of this module.
module portarium.io/lab/oscal

go 1.26.0

require github.com/defenseunicorns/go-oscal v0.7.0

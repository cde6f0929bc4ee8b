import { describe, expect, it } from 'vitest';
import { corefile } from '../../src/constructs/agent-dns.js';

/** What it means to the real CoreDNS is shown in test/integration/dns. */
describe('the Corefile', () => {
  it('answers a fixed name itself, A with its address and AAAA with nothing, and refuses every other type', () => {
    const [block] = corefile([{ name: 'front.example', address: '10.96.80.1', open: 'always' }], '10.96.0.10').split(
      '\n\n',
    );
    expect(`${block}\n`).toBe(`front.example:1053 {
  errors
  prometheus 0.0.0.0:9464
  template IN A front.example {
    match "^front\\.example\\.$"
    answer "{{ .Name }} 30 IN A 10.96.80.1"
    fallthrough
  }
  template IN AAAA front.example {
    match "^front\\.example\\.$"
    rcode NOERROR
    fallthrough
  }
  template ANY ANY front.example {
    rcode REFUSED
  }
}
`);
  });

  it('forwards a host by exact name and for addresses only', () => {
    const [block] = corefile([{ name: 'api.hubspot.com', open: { whileShadow: 'egress' } }], '10.96.0.10').split(
      '\n\n',
    );
    expect(`${block}\n`).toBe(`api.hubspot.com:1053 {
  errors
  prometheus 0.0.0.0:9464
  acl {
    allow type A
    allow type AAAA
    block
  }
  template ANY ANY api.hubspot.com {
    match "^.+\\.api\\.hubspot\\.com\\.$"
    rcode REFUSED
    fallthrough
  }
  forward . 10.96.0.10
  cache 30
}
`);
  });

  it('refuses every other name, and forwards none', () => {
    expect(corefile([], '10.96.0.10')).toBe(`.:1053 {
  errors
  health 0.0.0.0:8080
  ready 0.0.0.0:8181
  prometheus 0.0.0.0:9464
  template ANY ANY . {
    rcode REFUSED
  }
}
`);
  });
});

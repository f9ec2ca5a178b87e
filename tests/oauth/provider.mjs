// A real OpenID provider, oidc-provider, with its own pages for login and consent: node provider.mjs MODULE SETTINGS.
// It prints its address once it listens, and ends with its standard input.

const [module, settings] = process.argv.slice(2);
const { Provider } = await import(module);
const { clients, scopes, denied = [], accessTokenSeconds = 3600 } = JSON.parse(settings);

const { createServer } = await import("node:http");
const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(address, {
  clients,
  scopes: [...scopes, ...denied],
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ["made-up"] },
  ttl: { AccessToken: accessTokenSeconds, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, RefreshToken: 600, Session: 600 },
  rotateRefreshToken: true,
  // Users consent to everything, and this provider does not give what it denies.
  loadExistingGrant: async ({ oidc }) => {
    const id = oidc.result?.consent?.grantId || oidc.session.grantIdFor(oidc.client.clientId);
    const grant = id && (await oidc.provider.Grant.find(id));
    if (grant && denied.length) {
      grant.rejectOIDCScope(denied.join(" "));
      await grant.save();
    }
    return grant;
  },
  findAccount: async (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
});
// For whoever looks into a failing test.
provider.on("grant.error", (ctx, error) => console.error("grant.error", error.message, error.error_detail));
server.on("request", provider.callback());
console.log(address);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));

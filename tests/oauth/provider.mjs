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
  issueRefreshToken: async (ctx, client, code) => client.grantTypeAllowed("refresh_token") && code.scopes.has("offline_access"),
  rotateRefreshToken: true,
  // What users may not have is taken from what they consented to.
  loadExistingGrant: async (ctx) => {
    const id = ctx.oidc.result?.consent?.grantId || ctx.oidc.session.grantIdFor(ctx.oidc.client.clientId);
    return id && ctx.oidc.provider.Grant.find(id);
  },
  findAccount: async (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
});
// It writes every fault of a request to standard error for whoever looks into a failing test.
provider.on("grant.error", (ctx, error) => console.error("grant.error", error.message, error.error_detail));
server.on("request", provider.callback());
console.log(address);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));

// A real OpenID provider on loopback: `node provider.mjs` with its port, its clients and its people as JSON.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { port, clients, people, modules } = JSON.parse(process.env.PROVIDER);
const load = (name) => import(pathToFileURL(createRequire(modules).resolve(name)));
const { Provider } = await load('oidc-provider');
const { exportJWK, generateKeyPair } = await load('jose');

const keys = [];
for (const [alg, more] of [['RS256'], ['ES256'], ['Ed25519', { crv: 'Ed25519' }]]) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, ...more });
  keys.push({ ...(await exportJWK(privateKey)), use: 'sig', kid: alg });
}
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients,
  jwks: { keys },
  cookies: { keys: ['a key of a test'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['preferred_username'] },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA', 'Ed25519'] },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
});
provider.listen(port, '127.0.0.1', () => console.log('ready'));

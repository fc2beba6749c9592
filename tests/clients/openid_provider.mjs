// An OpenID provider at a free port, which lets everybody in as whatever e-mail they type. Prints its address.
import { createRequire } from 'node:module'
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'

const require = createRequire(`${process.env.CLIENTS}/`)
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href)
const unverified = process.env.UNVERIFIED === 'true'

const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'closedloop',
      client_secret: 'a secret of the provider',
      redirect_uris: [process.env.REDIRECT_URI],
    }],
    claims: { email: ['email', 'email_verified'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: id, email_verified: !unverified }) }),
    features: { devInteractions: { enabled: true } },
  })
  server.on('request', provider.callback())
  console.log(issuer)
})

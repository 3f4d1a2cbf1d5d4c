import { GraphQLSchema } from 'graphql'
import './auth.ts'
import { builder } from './builder.ts'
import './chat.ts'
import './runs.ts'
import './documents.ts'
import './members.ts'
import './reindexing.ts'
import './search.ts'
import './system.ts'
import './threads.ts'
import './users.ts'
import './workspaces.ts'

/** What a client developer reads first. */
const description = `Documents in workspaces, questions about them, and answers whose every quote can be checked.

**Signing in.** \`mutation { login(input: { username: "…", password: "…" }) { token } }\`, then \`Authorization: Bearer <token>\` with every request, or
\`connectionParams: { authorization: "Bearer <token>" }\` with a WebSocket. Without a token there is \`login\` and nothing else.

**Lists** are Relay connections: \`first\`/\`after\` from the start, \`last\`/\`before\` from the end. Cursors are opaque and stay good when things come and go.
Fields named \`…Page\` are the same lists in numbered pages, for those who jump to page 7.

**Ids.** \`id\` is unique within its type: \`__typename:id\` is a cache's key. What has none is a part of something else, but for \`Member\`, whose key is
\`workspaceId\` and \`userId\`. Deletions return the id of what is gone, everything else that changes something returns the thing as it is now.

**Errors** have words for people in \`message\` (Chinese, or English by \`Accept-Language\`), the place in \`path\` and one of these in \`extensions.code\`:
BAD_REQUEST, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, CONFLICT, UNPROCESSABLE, PAYLOAD_TOO_LARGE, RATE_LIMITED (with \`extensions.retryAfter\` in seconds), INTERNAL,
UNAVAILABLE, PROVIDER_ERROR, INTERRUPTED. A root field that fails is null, and those beside it are answered.

**Following.** Subscriptions come over WebSocket (the protocol graphql-transport-ws of graphql-ws) or as server-sent events (graphql-sse, distinct connections),
both at this address. \`ChatEvent\` and \`DocumentEvent\` are interfaces: switch on \`__typename\`.

**Files** are uploaded by the GraphQL multipart request specification, as variables of the scalar \`File\`.`

/** The full schema. In the order of the code: the reference's order of fields is REST's. */
export const schema = new GraphQLSchema({ ...builder.toSchema({ sortSchema: false }).toConfig(), description })

import './auth.ts'
import { builder } from './builder.ts'
import './chat.ts'
import './documents.ts'
import './members.ts'
import './search.ts'
import './system.ts'
import './users.ts'
import './workspaces.ts'

/** The full schema. In the order of the code: the reference's order of fields is REST's. */
export const schema = builder.toSchema({ sortSchema: false })

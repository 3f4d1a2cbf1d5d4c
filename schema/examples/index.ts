import { auth } from './auth.ts'
import { chat } from './chat.ts'
import { documents } from './documents.ts'
import { members } from './members.ts'
import { runs } from './runs.ts'
import { search } from './search.ts'
import { system } from './system.ts'
import { threads } from './threads.ts'
import { users } from './users.ts'
import { workspaces } from './workspaces.ts'

/** Of every operation that REST shows, by name: the values of the API reference, with the fields that are ours beside them. */
export const examples = { ...auth, ...workspaces, ...members, ...documents, ...chat, ...runs, ...threads, ...search, ...system, ...users }

import { openStorage } from '../../src/storage/open.ts'
import { describeStorage } from './storage-suite.ts'

describeStorage('in a folder', (directory) => openStorage({ directory, s3: undefined, report: () => undefined }))

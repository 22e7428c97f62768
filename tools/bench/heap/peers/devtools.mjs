// Analyses a snapshot with the code of Chrome's DevTools.
import { createReadStream } from 'node:fs'
import { parse } from 'heap-snapshot-toolkit'

console.time = console.timeEnd = console.warn = () => {}
const s = await parse(createReadStream(process.argv[2], 'utf-8'))
console.log(Object.keys(s.aggregatesWithFilter({})).length, 'classes')

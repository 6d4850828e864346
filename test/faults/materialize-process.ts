/** Materializes a view in a process of its own, which may be killed: `<generated> <view> <instant>`. */
import { connect } from 'meridian/runtime'

const [generated = '', view = '', at = ''] = process.argv.slice(2)
const store = await connect(generated, { redis: { readTimeout: 1000, writeTimeout: 3000, connectTimeout: 1000 } })
await store.view(view).materialize({ at })
await store.close()

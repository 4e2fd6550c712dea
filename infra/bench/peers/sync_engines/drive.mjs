// Hands deliveries to one engine as its webhook server would, one after the other,
// and tells what it holds. Talks in lines of JSON over standard input and output.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import pg from 'pg'

const databaseUrl = process.env.DATABASE_URL
const stripeWebhookSecret = process.env.STRIPE_WEBHOOK_SECRET
const platform = process.env.PLATFORM_ACCOUNT
const quiet = { info() {}, warn() {}, debug() {}, error: console.error }

const tables = {
  charge: 'charges',
  customer: 'customers',
  dispute: 'disputes',
  'radar.early_fraud_warning': 'early_fraud_warnings',
  refund: 'refunds',
}

const engines = {
  '@supabase/stripe-sync-engine': {
    async start() {
      // As a module it finds no migrations: `__dirname` is not defined there.
      const require = createRequire(import.meta.url)
      const { StripeSync, runMigrations } = require('@supabase/stripe-sync-engine')
      await runMigrations({ databaseUrl, schema: 'stripe', logger: quiet })
      const poolConfig = { connectionString: databaseUrl }
      const engine = new StripeSync({ stripeSecretKey: 'sk_unused', stripeWebhookSecret, poolConfig })
      return (body, signature) => engine.processWebhook(body, signature)
    },
    row: (kind, { row }) => ({ kind, id: row.id, deleted: row.deleted === true, fields: row }),
  },
  '@stripe/sync-engine': {
    async start() {
      const { StripeSync, runMigrations } = await import('@stripe/sync-engine')
      // Left to itself it downloads Stripe's description of its API from GitHub, to
      // make a column of every field. The file has the fields of the kinds played.
      const openApiSpecPath = fileURLToPath(new URL('openapi.json', import.meta.url))
      await runMigrations({ databaseUrl, openApiSpecPath, logger: quiet })
      const engine = await StripeSync.create({
        stripeSecretKey: 'sk_unused',
        stripeAccountId: platform,
        stripeWebhookSecret,
        poolConfig: { connectionString: databaseUrl },
        logger: quiet,
      })
      return (body, signature) => engine.webhook.processWebhook(body, signature)
    },
    row: (kind, { row }) => ({
      kind,
      id: row.id,
      account: row._account_id,
      deleted: row._raw_data.deleted === true,
      fields: row._raw_data,
    }),
  },
}

async function rows(engine) {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  const all = []
  for (const [kind, table] of Object.entries(tables)) {
    const held = await client.query(`select row_to_json(t) as row from stripe."${table}" t`)
    all.push(...held.rows.map((row) => engine.row(kind, row)))
  }
  await client.end()
  return all
}

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)

const engine = engines[process.argv[2]]
const refused = new Map()
let take
let started

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  if (asked.body !== undefined) {
    started ??= performance.now()
    try {
      await take(asked.body, asked.signature)
    } catch (error) {
      const { type } = JSON.parse(asked.body)
      const key = JSON.stringify([type, String(error.message)])
      refused.set(key, (refused.get(key) ?? 0) + 1)
    }
  } else if (asked.start) {
    take = await engine.start()
    say({})
  } else if (asked.done) {
    const entries = [...refused].map(([key, times]) => {
      const [kind, error] = JSON.parse(key)
      return { kind, error, times }
    })
    say({ wall_s: (performance.now() - started) / 1000, refused: entries })
  } else if (asked.rows) {
    say(await rows(engine))
  }
}
process.exit()

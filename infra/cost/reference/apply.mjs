// SQS FIFO -> DynamoDB -> EventBridge: once for each event id, by Powertools.
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';

const client = new DynamoDBClient({});
const tables = DynamoDBDocumentClient.from(client, {
  marshallOptions: { removeUndefinedValues: true },
});
const bus = new EventBridgeClient({});
const config = new IdempotencyConfig({ eventKeyJmesPath: 'id' });
const persistenceStore = new DynamoDBPersistenceLayer({
  tableName: 'idempotency',
  keyAttr: 'pk',
  awsSdkV3Client: client,
});

const put = (TableName, Item, guard = {}) => tables.send(new PutCommand({ TableName, Item, ...guard }));

// What a dashboard asks for; no nested objects, so that an item stays under 1 KB.
const projection = ({ object, id, status, amount, currency, created, customer, livemode }) => ({
  object, id, status, amount, currency, created, customer, livemode,
});

const putObject = async (pk, event) => {
  const item = { pk, ...projection(event.data.object), updated: event.created };
  try {
    await put('objects', item, {
      ConditionExpression: 'attribute_not_exists(pk) OR updated <= :created',
      ExpressionAttributeValues: { ':created': event.created },
    });
  } catch (error) {
    if (error.name !== 'ConditionalCheckFailedException') throw error;
  }
};

const apply = makeIdempotent(
  async (event) => {
    const { object, id } = event.data.object;
    const account = event.account ?? 'platform';
    const { type, created, api_version } = event;
    await Promise.all([
      putObject(`${account}#${object}#${id ?? object}`, event),
      put('events', { pk: `${account}#${event.id}`, type, created, api_version, object: id }),
      put('timeline', { pk: `${account}#${created}#${event.id}`, type, created, object: id }),
    ]);
    await bus.send(
      new PutEventsCommand({
        Entries: [{
          EventBusName: 'platform',
          Source: 'stripe',
          DetailType: type,
          Detail: JSON.stringify({ id: event.id, account, created, object: projection(event.data.object) }),
        }],
      }),
    );
  },
  { persistenceStore, config },
);

export const handler = async ({ Records }, context) => {
  config.registerLambdaContext(context);
  for (const { body } of Records) {
    const event = JSON.parse(body);
    await apply(event);
    console.log(JSON.stringify({ message: 'applied', id: event.id, type: event.type }));
  }
};

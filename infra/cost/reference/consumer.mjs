// EventBridge -> whatever a platform does with an event; here it only says so.
export const handler = async (event) => {
  console.log(JSON.stringify({ message: 'consumed', id: event.detail.id, type: event['detail-type'] }));
};

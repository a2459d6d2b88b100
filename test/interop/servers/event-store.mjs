/** The events of one session, kept so that streams can be resumed. */

export function createEventStore() {
  const events = [];
  return {
    async storeEvent(streamId, message) {
      events.push({ streamId, message });
      return String(events.length - 1);
    },
    async getStreamIdForEventId(eventId) {
      return events[Number(eventId)]?.streamId;
    },
    async replayEventsAfter(lastEventId, { send }) {
      const { streamId } = events[Number(lastEventId)];
      const later = [...events.entries()].slice(Number(lastEventId) + 1);
      // An event without a message only primes its stream.
      for (const [index, event] of later)
        if (event.streamId === streamId && event.message.jsonrpc !== undefined)
          await send(String(index), event.message);
      return streamId;
    },
  };
}

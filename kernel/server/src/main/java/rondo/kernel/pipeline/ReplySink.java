package rondo.kernel.pipeline;

import org.agrona.DirectBuffer;

/** Takes finished replies, on the transport's thread; the bytes are valid until the call returns. */
public interface ReplySink {
    /**
     * @param connectionId whose request it was.
     * @param length       bytes of message header and message.
     */
    void reply(long connectionId, DirectBuffer message, int offset, int length);
}

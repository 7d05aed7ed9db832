package io.divvy.server.session;

import io.divvy.net.Peer;
import io.divvy.protocol.ErrorMessage;
import io.divvy.protocol.Hello;
import io.divvy.protocol.Message;
import io.divvy.protocol.ProtocolException;

/** A connection that has not said yet who it is. Its first message makes it a session of that role. */
final class HelloSession extends Session {
    HelloSession(SessionContext context, Peer peer) {
        super(context, peer);
    }

    @Override
    protected void receive(byte[] bytes, int offset, int length) throws ProtocolException {
        Session session;
        try {
            session = session(Hello.read(bytes, offset, length));
        } catch (ProtocolException e) {
            refuse(e);
            close("bad hello: " + e.getMessage());
            return;
        }
        peer.setHandler(session);
        session.start();
    }

    private Session session(Hello hello) throws ProtocolException {
        if (hello instanceof Hello.Worker worker) {
            return new WorkerSession(context, peer, worker);
        } else if (hello instanceof Hello.Sender) {
            return new SenderSession(context, peer);
        } else if (hello instanceof Hello.PlainWorker) {
            return new PlainWorkerSession(context, peer);
        }
        return new PlainSenderSession(context, peer);
    }

    @Override
    protected boolean answerHttp() {
        peer.send(context.terms().introduction().answerToHttp());
        close("an HTTP request, on the TCP port");
        return true;
    }

    @Override
    protected Message errorMessage(ProtocolException error) {
        return new ErrorMessage(error);
    }

    @Override
    protected void closed(String reason) {
        // Nothing began yet.
    }
}

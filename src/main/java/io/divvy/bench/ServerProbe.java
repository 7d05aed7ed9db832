package io.divvy.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.ThreadInfo;
import java.time.Duration;
import java.util.Arrays;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;

/** Looks into the server's JVM, a process of this machine: what it uses, and what it allocates. */
public final class ServerProbe implements AutoCloseable {
    /** A collection may leave what only the next one frees. */
    private static final int COLLECTIONS = 3;

    private final JMXConnector connector;
    private final OperatingSystemMXBean system;
    private final ThreadMXBean threads;
    private final MemoryMXBean memory;
    private final CompilationMXBean compiler;

    private ServerProbe(JMXConnector connector) throws IOException {
        this.connector = connector;
        MBeanServerConnection beans = connector.getMBeanServerConnection();
        this.system = ManagementFactory.newPlatformMXBeanProxy(
                beans, ManagementFactory.OPERATING_SYSTEM_MXBEAN_NAME, OperatingSystemMXBean.class);
        this.threads = ManagementFactory.newPlatformMXBeanProxy(
                beans, ManagementFactory.THREAD_MXBEAN_NAME, ThreadMXBean.class);
        this.memory = ManagementFactory.newPlatformMXBeanProxy(
                beans, ManagementFactory.MEMORY_MXBEAN_NAME, MemoryMXBean.class);
        this.compiler = ManagementFactory.newPlatformMXBeanProxy(
                beans, ManagementFactory.COMPILATION_MXBEAN_NAME, CompilationMXBean.class);
    }

    @SuppressWarnings("BanJNDI") // The address is one that the JVM gave, of a process of this user.
    static ServerProbe attach(long pid) throws IOException {
        try {
            VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
            try {
                return new ServerProbe(
                        JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent())));
            } finally {
                machine.detach();
            }
        } catch (AttachNotSupportedException e) {
            throw new IOException("cannot look into process " + pid + "; expected a Java process of this user", e);
        } catch (IOException e) {
            throw new IOException(
                    "cannot look into process " + pid + ", expected a Java process of this user: " + e.getMessage(), e);
        }
    }

    /** Processor time since the process started. */
    Duration processorTime() {
        return Duration.ofNanos(system.getProcessCpuTime());
    }

    /** What its just-in-time compilers have taken of that so far. */
    Duration compilerTime() {
        return Duration.ofMillis(compiler.getTotalCompilationTime());
    }

    /** Bytes allocated since the start by all threads that live, but for those that answer this very question. */
    long allocatedBytes() {
        long[] ids = threads.getAllThreadIds();
        ThreadInfo[] infos = threads.getThreadInfo(ids);
        long[] own = new long[ids.length];
        int count = 0;
        for (int i = 0; i < ids.length; i++) {
            if (infos[i] != null && !isOfTheProbe(infos[i])) {
                own[count++] = ids[i];
            }
        }
        return Arrays.stream(threads.getThreadAllocatedBytes(Arrays.copyOf(own, count)))
                .filter(bytes -> bytes > 0)
                .sum();
    }

    private static boolean isOfTheProbe(@Nullable ThreadInfo thread) {
        return thread == null
                || thread.getThreadName().startsWith("RMI")
                || thread.getThreadName().startsWith("JMX")
                || thread.getThreadName().startsWith("Attach");
    }

    /** What is reachable: the heap in use after full collections. */
    long liveHeapBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            memory.gc();
            least = Math.min(least, memory.getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }
}

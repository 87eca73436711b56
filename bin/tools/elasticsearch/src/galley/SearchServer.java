package galley;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.LocalNode;
import org.elasticsearch.transport.netty4.Netty4Plugin;

/** One Elasticsearch node on loopback, without security, for data that is thrown away. Arguments: port, data folder. */
public final class SearchServer {

    public static void main(String[] arguments) throws Exception {
        Path data = Path.of(arguments[1]).toAbsolutePath();
        // Its own loggers refuse to be made before this.
        LogConfigurator.configureESLogging();
        Settings settings = Settings.builder()
            .put("cluster.name", "galley-services")
            .put("node.name", "galley")
            .put("node.processors", 2)
            .put("discovery.type", "single-node")
            .put("path.home", data)
            .put("network.host", "127.0.0.1")
            .put("http.port", arguments[0])
            .put("http.type", "netty4")
            .put("transport.type", "netty4")
            .put("transport.port", "0")
            // A developer's full disk would make every index read-only.
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
        Environment environment = InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "galley");
        LocalNode node = new LocalNode(environment, List.of(Netty4Plugin.class, LanguageAnalysis.class));
        node.start();
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception error) {
                error.printStackTrace();
            }
            ended.countDown();
        }));
        ended.await();
    }
}

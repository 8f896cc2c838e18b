// The parts of Kubernetes that the tests in tests/cluster run, in one program, since they share most of their code: etcd,
// the API server, the two controllers of deployments, and kubectl. The replaced versions in go.mod are those of
// Kubernetes' own parts: 0.N.P for 1.N.P.
//
//	kubernetes etcd | kube-apiserver | controllers KUBECONFIG | kubectl [arguments]
package main

import (
	"context"
	"fmt"
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/pkg/controller/deployment"
	"k8s.io/kubernetes/pkg/controller/replicaset"
)

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("usage: kubernetes PROGRAM [arguments]"))
	}
	os.Args = os.Args[1:]
	switch os.Args[0] {
	case "etcd":
		etcdmain.Main(os.Args)
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kubectl":
		os.Exit(cli.Run(kubectl.NewDefaultKubectlCommand()))
	case "controllers":
		fail(runControllers(context.Background(), os.Args[1]))
	default:
		fail(fmt.Errorf("no program is named %s", os.Args[0]))
	}
}

// Those of kube-controller-manager, without its other forty, which take most of its time to build.
func runControllers(ctx context.Context, kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	apps, pods := factory.Apps().V1(), factory.Core().V1().Pods()
	deployments, err := deployment.NewDeploymentController(ctx, apps.Deployments(), apps.ReplicaSets(), pods, client)
	if err != nil {
		return err
	}
	sets := replicaset.NewReplicaSetController(ctx, apps.ReplicaSets(), pods, client, replicaset.BurstReplicas)
	factory.Start(ctx.Done())
	go sets.Run(ctx, 2)
	deployments.Run(ctx, 2)
	return nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}

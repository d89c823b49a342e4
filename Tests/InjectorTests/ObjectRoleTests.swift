// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Injector

@Suite("Object roles")
struct ObjectRoleTests {
    static let inSpec = ObjectRole.workload(templatePath: ["spec", "template"])
    static let inJob = ObjectRole.workload(
        templatePath: ["spec", "jobTemplate", "spec", "template"]
    )

    @Test(arguments: [
        ("v1", "Pod", ObjectRole.workload(templatePath: [])),
        ("v1", "ReplicationController", inSpec),
        ("v1", "Namespace", .namespace),
        ("v1", "Service", .service),
        ("v1", "List", .list),
        ("apps/v1", "Deployment", inSpec),
        ("apps/v1", "ReplicaSet", inSpec),
        ("apps/v1", "DaemonSet", inSpec),
        ("apps/v1", "StatefulSet", inSpec),
        ("apps/v1beta1", "StatefulSet", inSpec),
        ("apps/v1beta2", "Deployment", inSpec),
        ("extensions/v1beta1", "Deployment", inSpec),
        ("extensions/v1beta1", "ReplicaSet", inSpec),
        ("extensions/v1beta1", "DaemonSet", inSpec),
        ("batch/v1", "Job", inSpec),
        ("batch/v1", "CronJob", inJob),
        ("batch/v1beta1", "CronJob", inJob),
        ("batch/v2alpha1", "CronJob", inJob),
    ])
    func areGivenByVersionAndKind(apiVersion: String, kind: String, role: ObjectRole) {
        #expect(ObjectRole(apiVersion: apiVersion, kind: kind) == role)
    }

    @Test(arguments: [
        ("serving.knative.dev/v1", "Service"), ("batch.volcano.sh/v1alpha1", "Job"),
        ("apps.kruise.io/v1beta1", "StatefulSet"), ("v1", "Deployment"), ("apps/v1", "Pod"),
        ("extensions/v1beta1", "StatefulSet"), ("apps/v1", "deployment"), ("v1", "ConfigMap"),
        ("apps", "Deployment"), ("apps/v1/x", "Deployment"), ("/v1", "Deployment"), ("", "Pod"),
        ("1", "Pod"), ("v", "Pod"), ("vx", "Pod"), ("V1", "Pod"), ("v1 ", "Pod"),
        ("apps/v1", "DeploymentList"), ("v1", ""),
    ])
    func areOtherForEverythingElse(apiVersion: String, kind: String) {
        #expect(ObjectRole(apiVersion: apiVersion, kind: kind) == .other)
    }

    @Test(arguments: [
        ("deployment", "Deployment"), ("CRONJOB", "CronJob"), ("Statefulset", "StatefulSet"),
        ("Deployment", nil), ("Deploymnt", nil), ("", nil),
    ])
    func areKnownInOtherLetterCase(kind: String, meant: String?) {
        #expect(ObjectRole.kindWithOtherCase(kind) == meant)
    }
}

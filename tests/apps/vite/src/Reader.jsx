import { useLoaderData, useNavigate } from "react-router";

export function Reader() {
  const reader = useLoaderData();
  const navigate = useNavigate();
  return (
    <main>
      <h1>{reader.name}</h1>
      <button onClick={() => navigate(`/readers/${reader.id}?edit=1`)}>Edit</button>
    </main>
  );
}
